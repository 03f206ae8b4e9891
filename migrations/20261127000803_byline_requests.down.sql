drop table byline_requests;
