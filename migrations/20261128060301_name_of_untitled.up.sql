-- What a post without a title is called where something has to name it: for a person's own pages, which list few of them. Lists for
-- readers show the heading, else the text itself.
create function name_of_untitled(post bigint, description text) returns text
    language sql stable parallel safe
    return coalesce((select nullif(heading, '') from post_bodies where post_id = post),
                    case when char_length(description) > 60 then rtrim(left(description, 59)) || '…' else description end);
grant execute on function name_of_untitled(bigint, text) to public;
