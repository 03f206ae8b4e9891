use super::actor::Actor;
use super::role::Role;

/// Something that an actor wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    WritePost,
    WritePage,
    /// See a draft, save it, submit it, move it to the trash, bring it back.
    EditPost,
    /// Change what readers get: publish, schedule, unpublish, trash what is public. Also: decide on what was submitted.
    PublishPost,
    Comment,
    EditComment,
    DeleteComment,
    /// Approve, hide, or remove a comment of another account.
    ModerateComment,
    ReportComment,
    ManageSite,
    Invite,
    /// Give an account another role.
    ChangeRole {
        from: Role,
        to: Role,
    },
    /// Set a handle free that an account gave up.
    FreeHandle,
    /// Change profile, picture, handle, address, password or sessions.
    ChangeAccount,
}

/// What an action would be done to.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    Nothing,
    Post {
        authors: &'a [i64],
        page: bool,
    },
    /// `open`: still inside the edit window.
    Comment {
        author: i64,
        post_authors: &'a [i64],
        open: bool,
    },
    Person {
        id: i64,
    },
}

/// The actor may not do what it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Your account can't do this. If it should, ask an admin of this site.")]
pub struct Denied;

impl Actor {
    /// # Errors
    ///
    /// When the actor may not do that.
    pub fn require(&self, action: Action, resource: Resource<'_>) -> Result<(), Denied> {
        if can(self, action, resource) {
            return Ok(());
        }
        tracing::warn!(actor = self.name, ?action, "refused");
        Err(Denied)
    }

    /// The account that acts, for what only an account can do.
    ///
    /// # Errors
    ///
    /// Where no account acts.
    pub fn account(&self) -> Result<i64, Denied> {
        self.id.ok_or(Denied)
    }
}

/// The one place that decides. Deny is the default: an action that does not fit its resource is refused.
pub fn can(actor: &Actor, action: Action, resource: Resource<'_>) -> bool {
    let role = actor.role;
    let is_one_of = |ids: &[i64]| actor.id.is_some_and(|id| ids.contains(&id));
    let is = |id: i64| actor.id == Some(id);
    match (action, resource) {
        (Action::WritePost, Resource::Nothing) => role.writes(),
        (Action::WritePage | Action::ManageSite | Action::Invite, Resource::Nothing) => {
            role.manages()
        }
        (Action::FreeHandle, Resource::Person { .. }) => role.manages(),
        (Action::EditPost | Action::PublishPost, Resource::Post { page: true, .. }) => {
            role.manages()
        }
        (
            Action::EditPost,
            Resource::Post {
                authors,
                page: false,
            },
        ) => role.edits_all() || (role.writes() && is_one_of(authors)),
        (
            Action::PublishPost,
            Resource::Post {
                authors,
                page: false,
            },
        ) => role.edits_all() || (role.publishes() && is_one_of(authors)),
        (Action::Comment, Resource::Nothing) => actor.id.is_some(),
        (Action::EditComment, Resource::Comment { author, open, .. }) => is(author) && open,
        (Action::DeleteComment, Resource::Comment { author, .. }) => is(author),
        (Action::ModerateComment, Resource::Comment { post_authors, .. }) => {
            role.moderates() || (role.publishes() && is_one_of(post_authors))
        }
        (Action::ReportComment, Resource::Comment { author, .. }) => {
            actor.id.is_some() && !is(author)
        }
        (Action::ChangeAccount, Resource::Person { id }) => is(id),
        // Not of itself either: the last owner cannot vanish by a slip.
        (Action::ChangeRole { from, to }, Resource::Person { id }) => {
            !is(id) && role.outranks(from) && role.outranks(to)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: i64, role: Role) -> Actor {
        Actor {
            id: Some(id),
            role,
            ..Actor::command("test")
        }
    }

    #[test]
    fn a_visitor_without_an_account_may_nothing() {
        let visitor = Actor {
            id: None,
            ..account(1, Role::Reader)
        };
        for action in [Action::Comment, Action::WritePost, Action::ManageSite] {
            assert!(!can(&visitor, action, Resource::Nothing));
        }
        let own = Resource::Post {
            authors: &[1],
            page: false,
        };
        assert!(!can(&visitor, Action::EditPost, own));
        let comment = Resource::Comment {
            author: 1,
            post_authors: &[1],
            open: true,
        };
        for action in [
            Action::EditComment,
            Action::DeleteComment,
            Action::ModerateComment,
            Action::ReportComment,
        ] {
            assert!(!can(&visitor, action, comment));
        }
    }

    #[test]
    fn authors_edit_their_own_and_admins_all() {
        let own = Resource::Post {
            authors: &[1, 2],
            page: false,
        };
        assert!(can(&account(2, Role::Author), Action::EditPost, own));
        assert!(!can(&account(3, Role::Author), Action::EditPost, own));
        assert!(!can(&account(3, Role::Moderator), Action::EditPost, own));
        assert!(can(&account(3, Role::Admin), Action::EditPost, own));
        assert!(can(&account(3, Role::Editor), Action::EditPost, own));
        // Lowered to reader: the authorship stays, the right does not.
        assert!(!can(&account(1, Role::Reader), Action::EditPost, own));
        assert!(!can(
            &account(1, Role::Author),
            Action::EditPost,
            Resource::Post {
                authors: &[1],
                page: true
            }
        ));
    }

    #[test]
    fn what_a_contributor_writes_another_account_publishes() {
        let own = Resource::Post {
            authors: &[1],
            page: false,
        };
        for (id, role, edits, publishes) in [
            (1, Role::Contributor, true, false),
            (1, Role::Author, true, true),
            (1, Role::Reader, false, false),
            (2, Role::Author, false, false),
            (2, Role::Moderator, false, false),
            (2, Role::Editor, true, true),
        ] {
            let actor = account(id, role);
            assert_eq!(can(&actor, Action::EditPost, own), edits, "{role:?}");
            assert_eq!(can(&actor, Action::PublishPost, own), publishes, "{role:?}");
        }
    }

    #[test]
    fn an_editor_does_not_moderate_and_has_no_pages() {
        let editor = account(2, Role::Editor);
        let comment = Resource::Comment {
            author: 3,
            post_authors: &[1],
            open: true,
        };
        assert!(!can(&editor, Action::ModerateComment, comment));
        assert!(can(
            &account(2, Role::Moderator),
            Action::ModerateComment,
            comment
        ));
        let page = Resource::Post {
            authors: &[2],
            page: true,
        };
        for action in [Action::EditPost, Action::PublishPost] {
            assert!(!can(&editor, action, page));
        }
        let contributor = account(1, Role::Contributor);
        assert!(!can(&contributor, Action::ModerateComment, comment));
    }

    #[test]
    fn roles_are_given_only_below_ones_own() {
        let change = |actor: Role, from, to| {
            can(
                &account(1, actor),
                Action::ChangeRole { from, to },
                Resource::Person { id: 2 },
            )
        };
        assert!(change(Role::Admin, Role::Reader, Role::Moderator));
        assert!(!change(Role::Admin, Role::Reader, Role::Admin));
        assert!(!change(Role::Admin, Role::Owner, Role::Reader));
        assert!(change(Role::Owner, Role::Admin, Role::Reader));
        assert!(!change(Role::Moderator, Role::Reader, Role::Author));
        assert!(!change(Role::Editor, Role::Reader, Role::Contributor));
        assert!(change(Role::Admin, Role::Contributor, Role::Editor));
        assert!(!change(Role::Owner, Role::Admin, Role::Owner));
        let own = can(
            &account(1, Role::Owner),
            Action::ChangeRole {
                from: Role::Owner,
                to: Role::Reader,
            },
            Resource::Person { id: 1 },
        );
        assert!(!own);
    }

    #[test]
    fn an_account_is_changed_by_itself_alone() {
        let own = |actor: &Actor| can(actor, Action::ChangeAccount, Resource::Person { id: 1 });
        assert!(own(&account(1, Role::Reader)));
        assert!(!own(&account(2, Role::Owner)));
        assert!(!own(&Actor::command("test")));
    }

    #[test]
    fn an_act_on_the_wrong_kind_of_thing_is_refused() {
        assert!(!can(
            &account(1, Role::Owner),
            Action::EditPost,
            Resource::Nothing
        ));
        assert!(!can(
            &account(1, Role::Owner),
            Action::ManageSite,
            Resource::Person { id: 1 }
        ));
    }

    #[test]
    fn what_only_an_account_can_do_is_refused_to_the_command_line() {
        assert_eq!(Actor::command("test").account(), Err(Denied));
    }
}
