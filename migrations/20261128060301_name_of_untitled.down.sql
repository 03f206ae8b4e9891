drop function name_of_untitled;
