set lock_timeout = '2s';
drop view public_offers;
drop table offered_posts;
