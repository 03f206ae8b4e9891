-- Texts are compressed with LZ4 where the server has it: several times as fast as what it uses by itself, for a tenth more room.
-- Values that are there stay as they are, and both kinds are read.
set lock_timeout = '2s';
do $$
begin
    alter table post_bodies alter markdown set compression lz4, alter html set compression lz4, alter text set compression lz4;
    alter table revisions alter markdown set compression lz4;
exception when feature_not_supported then
    raise notice 'this server was built without LZ4';
end
$$;
