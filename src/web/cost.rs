/// What a request of a route costs: how long it may take, and whether readers wait for it in front of the site while more is
/// asked for than can be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// The program answers by itself, without the database.
    Light,
    /// A page, a feed or a picture out of the database.
    Page,
    /// A form: passwords are hashed, texts rendered, and much is written.
    Form,
    /// A file that comes as fast as the line of its client.
    Upload,
}
