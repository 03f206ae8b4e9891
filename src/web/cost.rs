/// What a request of a route costs: how long it may take, and whether it passes admission in front of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// The program answers by itself, nearly always without the database: only an asset of another release is read from it.
    Light,
    /// A page, a feed or a picture out of the database.
    Page,
    /// A form: passwords are hashed, texts rendered, and much is written.
    Form,
    /// A file that comes as fast as the line of its client.
    Upload,
}
