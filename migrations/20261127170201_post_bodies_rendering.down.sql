drop index if exists post_bodies_rendering;
