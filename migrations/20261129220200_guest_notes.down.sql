drop table guest_notes;
