drop view standing_submissions;
