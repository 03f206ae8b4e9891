drop table commit_marks;
