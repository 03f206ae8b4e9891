//! What is wrong with a form, field by field.

use actix_web::http::StatusCode;

use crate::messages::Message;

/// What is wrong with a form, by field, in the order found or that of [`FormErrors::in_order`]. The field `""` is the form as a
/// whole.
#[derive(Default, Debug)]
pub struct FormErrors(Vec<(&'static str, Message)>);

impl FormErrors {
    /// With this fault alone.
    pub fn single(field: &'static str, fault: Message) -> Self {
        FormErrors(vec![(field, fault)])
    }

    /// Notes a fault of a field.
    pub fn add(&mut self, field: &'static str, fault: Message) {
        self.0.push((field, fault));
    }

    /// Keeps the value, or notes the fault and yields `None`.
    pub fn take<T>(
        &mut self,
        field: &'static str,
        parsed: std::result::Result<T, Message>,
    ) -> Option<T> {
        parsed.map_err(|fault| self.add(field, fault)).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Of the page that shows the form: 200, or 422 where something is wrong.
    pub fn status(&self) -> StatusCode {
        if self.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    /// In the order in which the fields stand on the page; what concerns the whole form comes first.
    #[must_use]
    pub fn in_order(mut self, fields: &[&str]) -> Self {
        self.0.sort_by_key(|(name, _)| {
            if name.is_empty() {
                None
            } else {
                Some(fields.iter().position(|field| field == name))
            }
        });
        self
    }

    /// The fault of a field, for the line beside it.
    pub fn of(&self, field: &str) -> Option<&Message> {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, fault)| fault)
    }

    /// All of them, for the summary above the form and for JSON.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Message)> {
        self.0.iter().map(|(name, fault)| (*name, fault))
    }

    /// `{"errors": {field: fault}}`.
    pub fn json(&self) -> serde_json::Value {
        let errors: serde_json::Map<_, _> = self
            .iter()
            .map(|(field, fault)| (field.to_owned(), fault.to_string().into()))
            .collect();
        serde_json::json!({ "errors": errors })
    }
}
