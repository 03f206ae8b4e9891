-- From where each act came, so that acts of one attack can be told from others.
set lock_timeout = '2s';
alter table audit_log add column client text;
comment on column audit_log.client is
    'Network of the client: /24 of an IPv4 address, /48 of an IPv6 address, or "unknown". Null where no request asked.';
