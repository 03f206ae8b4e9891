drop view site_frame;
