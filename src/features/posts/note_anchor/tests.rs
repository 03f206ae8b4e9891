use super::*;

const TEXT: &str = "# Tides\n\nThe first paragraph is about the sea.\n\nAgain.\n\nThe second one is about boats and ropes.\n\nAgain.\n\nThe end.";

/// Where a note on the paragraph with this number stands in a newer text.
fn moved(old: &str, number: usize, new: &str) -> Found {
    Paragraphs::of(new).find(&Paragraphs::of(old).anchor(number))
}

#[test]
fn a_note_stays_where_others_are_edited() {
    assert_eq!(moved(TEXT, 1, TEXT), Found::Same(1));
    let longer = TEXT.replace("# Tides", "# Low tides\n\nNew.\n\nAnd newer.");
    assert_eq!(moved(TEXT, 1, &longer), Found::Same(3));
    let shorter = TEXT.replace("# Tides\n\n", "");
    assert_eq!(moved(TEXT, 3, &shorter), Found::Same(2));
    let crlf = TEXT.replace('\n', "\r\n");
    assert_eq!(moved(TEXT, 3, &crlf), Found::Same(3));
}

#[test]
fn of_two_that_say_the_same_the_neighbours_decide() {
    for number in [2, 4] {
        assert_eq!(moved(TEXT, number, TEXT), Found::Same(number));
        let longer = format!("A.\n\nB.\n\nC.\n\n{TEXT}");
        assert_eq!(moved(TEXT, number, &longer), Found::Same(number + 3));
    }
    // Both paragraphs before it are gone with the first of the two.
    let shorter = TEXT.replacen("Again.\n\n", "", 1);
    assert_eq!(moved(TEXT, 4, &shorter), Found::Same(3));
}

#[test]
fn an_edited_paragraph_is_the_one_that_is_most_alike() {
    let edited = TEXT.replace("boats and ropes", "boats, ropes and knots");
    assert_eq!(moved(TEXT, 3, &edited), Found::Edited(3));
    let elsewhere = format!(
        "The second one is about boats and a rope.\n\n{}",
        TEXT.replace(
            "The second one is about boats and ropes.",
            "Something else entirely: weather."
        )
    );
    assert_eq!(moved(TEXT, 3, &elsewhere), Found::Edited(0));
    for (old, new) in [
        (
            "東京は今日も雨です。とても寒い。",
            "東京は今日も雪です。とても寒い。",
        ),
        ("كان البحر هادئا في الصباح", "كان البحر هادئا جدا في الصباح"),
    ] {
        assert_eq!(
            moved(&format!("{old}\n\nx"), 0, &format!("x\n\n{new}")),
            Found::Edited(1)
        );
    }
}

#[test]
fn what_was_deleted_or_written_anew_is_gone() {
    let without = TEXT.replace("The second one is about boats and ropes.\n\n", "");
    assert_eq!(moved(TEXT, 3, &without), Found::Gone);
    let anew = TEXT.replace(
        "The second one is about boats and ropes.",
        "Quick zephyrs blow, vexing daft Jim.",
    );
    assert_eq!(moved(TEXT, 3, &anew), Found::Gone);
    assert_eq!(moved(TEXT, 3, ""), Found::Gone);
}

#[test]
fn an_address_names_a_paragraph_by_place_and_content() {
    let text = Paragraphs::of(TEXT);
    for number in 0..text.len() {
        let address = Address::parse(&text.address(number)).unwrap();
        assert_eq!(text.at(&address), Some(Found::Same(number)));
    }
    let third = Address::parse(&text.address(3)).unwrap();
    let newer = Paragraphs::of(&format!("New.\n\n{TEXT}"));
    assert_eq!(newer.at(&third), Some(Found::Same(4)));
    let other = Paragraphs::of("One.\n\nTwo.");
    assert_eq!(other.at(&third), Some(Found::Edited(1)));
    assert_eq!(Paragraphs::of("").at(&third), None);
    let hash = "0123456789ab";
    for wrong in [
        "",
        "-",
        "1",
        "1-",
        "0-0123456789ab",
        "1-0123456789AB",
        "1-0123",
        "-1-0123456789ab",
        "+1-0123456789ab",
        "99999999-0123456789ab",
        "1-0123456789abcd",
    ] {
        assert_eq!(Address::parse(wrong), None, "{wrong}");
    }
    assert!(Address::parse(&format!("1-{hash}")).is_some());
}

#[test]
fn a_paragraph_is_replaced_where_the_others_stay_what_they_are() {
    let text = Paragraphs::of("One.\n\n- a\n- b\n\nThree.\n\n[x]: /y\n");
    let new = text.replaced(0, "First.\n\nSecond.").unwrap();
    assert_eq!(new, "First.\n\nSecond.\n\n- a\n- b\n\nThree.\n\n[x]: /y\n");
    assert_eq!(
        text.replaced(2, "").unwrap(),
        "One.\n\n- a\n- b\n\n\n\n[x]: /y\n"
    );
    for taking_in in ["```\nOne.", "<!-- One.", "- One", "<script>"] {
        assert_eq!(text.replaced(0, taking_in), None, "{taking_in}");
    }
    let tight = Paragraphs::of("# One\nTwo");
    assert_eq!(tight.replaced(0, "One"), None);
    assert_eq!(tight.replaced(0, "## One").unwrap(), "## One\nTwo");
}
