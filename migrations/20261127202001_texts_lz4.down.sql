set lock_timeout = '2s';
alter table post_bodies alter markdown set compression default, alter html set compression default,
    alter text set compression default;
alter table revisions alter markdown set compression default;
