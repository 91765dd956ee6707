//! Text in lines that are not too wide. It does not know what the words mean.

/// How wide a line of a report is at most.
pub const WIDTH: usize = 120;

/// A text in lines of at most so many letters, broken between words, and within one that is longer than a line.
pub fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').flat_map(|word| pieces(word, most.max(1))) {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(&word);
        } else if line.chars().count() + 1 + word.chars().count() <= most {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

fn pieces(word: &str, most: usize) -> Vec<String> {
    let letters: Vec<_> = word.chars().collect();
    if letters.is_empty() { vec![String::new()] } else { letters.chunks(most).map(|piece| piece.iter().collect()).collect() }
}

/// A text behind its heading, each further line under the first.
pub fn under(heading: &str, text: &str) -> String {
    hanging(heading, text, "")
}

/// A command behind its heading, as a shell reads it whatever lines it takes.
pub fn command(heading: &str, command: &str) -> String {
    hanging(heading, command, " \\")
}

/// Things behind a heading, dots between them, none broken unless it is longer than a line.
pub fn list(heading: &str, parts: &[String]) -> String {
    const SPACE: char = '\u{a0}';
    let whole = |part: &String| part.replace(' ', &SPACE.to_string());
    under(heading, &parts.iter().map(whole).collect::<Vec<_>>().join(&format!("{SPACE}· "))).replace(SPACE, " ")
}

/// The same text with each line that is too wide broken, and what follows set in.
pub fn narrow(text: &str) -> String {
    let narrowed = |line: &str| {
        let (inset, words) = line.split_at(line.len() - line.trim_start().len());
        let mut lines = wrapped(words, WIDTH - inset.len() - 4).into_iter();
        let first = lines.next().unwrap_or_default();
        let rest = lines.map(|rest| format!("\n{inset}    {rest}"));
        format!("{inset}{first}{}\n", rest.collect::<String>())
    };
    let fits = |line: &str| line.chars().count() <= WIDTH;
    text.lines().map(|line| if fits(line) { format!("{line}\n") } else { narrowed(line) }).collect()
}

fn hanging(heading: &str, text: &str, broken: &str) -> String {
    let indent = heading.chars().count();
    let lines = wrapped(text, WIDTH - indent - broken.len());
    format!("{heading}{}", lines.join(&format!("{broken}\n{}", " ".repeat(indent))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_where_they_do_not_fit() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken() {
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
    }

    #[test]
    fn a_command_goes_on_where_a_shell_reads_on() {
        let word = "x".repeat(60);
        assert_eq!(command("again ", &format!("{word} {word}")), format!("again {word} \\\n      {word}"));
        assert_eq!(under("again ", &format!("{word} {word}")), format!("again {word}\n      {word}"));
    }
}
