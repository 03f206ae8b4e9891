drop index redirects_any_case;
