drop index posts_templates_owner;
