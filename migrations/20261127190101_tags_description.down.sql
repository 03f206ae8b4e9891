alter table tags drop column description_typed, drop column description;
