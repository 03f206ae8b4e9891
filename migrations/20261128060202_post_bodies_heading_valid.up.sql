-- Apart from the column: reading all bodies would hold up saves under its lock.
alter table post_bodies validate constraint post_bodies_heading;
