pub mod article;
pub mod lists;
