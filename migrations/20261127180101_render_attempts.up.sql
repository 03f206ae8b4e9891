-- Texts that a process is rendering again. Some text may end the process itself (its memory, its stack): the row tells the next
-- process, which renders such a text alone and leaves it as it is once two processes have ended with it.
set lock_timeout = '2s';
create table render_attempts (
    kind     text not null check (kind in ('post', 'comment')),
    text_id  bigint not null,
    process  uuid not null,
    attempts integer not null check (attempts > 0),
    primary key (kind, text_id)
);
comment on table render_attempts is 'Posts, pages and comments whose rendering has begun and of which nothing else is known yet. No foreign keys: each would lock a row of a text that nothing else changes.';
comment on column render_attempts.process is 'Which process began. While that one lives, the text has not ended it.';
comment on column render_attempts.attempts is 'How many processes have begun to render it, one after the end of the other.';
