//! What a command says, without times. It takes out nothing else.

/// The text with every number of seconds and every rate left out, and with single spaces: columns are as wide as the times in them. A
/// line that is said because something lasts is left out whole: how many there are is time.
pub(crate) fn untimed(text: &str) -> String {
    text.lines().filter(|said| !tells_how_far(said)).map(line).collect()
}

/// Whether a line begins as `70 % after 15 s: …` does.
fn tells_how_far(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().take(5).collect();
    matches!(&words[..], [percent, "%", "after", seconds, "s:"] if is_number(percent) && is_number(seconds))
}

fn line(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    let is_time = |at: usize| is_number(words[at]) && words.get(at + 1).is_some_and(|unit| is_unit(unit));
    // A table's rate stands behind its time, and ends the row.
    let is_rate =
        |at: usize| is_number(words[at]) && at + 1 == words.len() && at > 1 && words[at - 1] == "s" && is_number(words[at - 2]);
    let kept = words.iter().enumerate().map(|(at, word)| if is_time(at) || is_rate(at) { "…" } else { word });
    kept.collect::<Vec<_>>().join(" ") + "\n"
}

fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit()) && word.chars().all(|each| each.is_ascii_digit() || ".,".contains(each))
}

fn is_unit(word: &str) -> bool {
    ["s", "events/s"].contains(&word.trim_end_matches([',', ';']))
}

#[test]
fn times_and_rates_are_left_out_and_nothing_else() {
    let row = "rest-kick   8,358   113,094  VERIFIED  100.0 %  0   0.4 s  138,988";
    assert_eq!(untimed(row), "rest-kick 8,358 113,094 VERIFIED 100.0 % 0 … s …\n");
    assert_eq!(untimed("EXPLAINED: 12 events of 3 instances; 4711 events/s"), "EXPLAINED: 12 events of 3 instances; … events/s\n");
    assert_eq!(untimed("a lapse after 7 steps\n"), "a lapse after 7 steps\n");
    assert_eq!(untimed("70 % after 15 s: 3 of 4 scopes\n70 % after all\n"), "70 % after all\n");
}
