//! Journals of a real system of which a part is missing: that is told, with its place, and no rule is blamed for it.

use std::process::Command;

use conformance::validate::validate_texts;

use super::story::{Story, recorded};

/// What is told of these texts; the finding's law and whether anything is decided.
fn told(texts: &[(&str, Vec<u8>)]) -> (String, String) {
    let named: Vec<_> = texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_slice())).collect();
    match validate_texts(&named, 2) {
        Ok(verdict) => match verdict.finding {
            Some(finding) => (finding.law.to_string().split(':').next().unwrap().to_owned(), finding.to_string()),
            None => ("none".to_owned(), "everything is explained".to_owned()),
        },
        Err(why) => ("unread".to_owned(), why.to_string()),
    }
}

fn text(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

/// Each instance's lines as a file of its own, in the order of their first lines.
fn by_instance(story: &Story) -> Vec<(String, Vec<String>)> {
    let mut files: Vec<(String, Vec<String>)> = Vec::new();
    for line in &story.clients {
        let name = line.split('"').nth(5).unwrap().to_owned();
        match files.iter_mut().find(|(known, _)| *known == name) {
            Some((_, lines)) => lines.push(line.clone()),
            None => files.push((name, vec![line.clone()])),
        }
    }
    files
}

#[test]
fn an_instance_without_a_journal_is_named() {
    let story = recorded();
    let files = by_instance(&story);
    for (missing, lines) in &files {
        let others = files.iter().filter(|(name, _)| name != missing).flat_map(|(_, lines)| lines.clone());
        let (law, finding) = told(&[("server", text(&story.server)), ("clients", text(&others.collect::<Vec<_>>()))]);
        let spoken_of = story.server.iter().position(|line| line.contains(missing.as_str())).unwrap() + 1;
        assert_eq!(law, "WHOLE", "{} lines of {missing}: {finding}", lines.len());
        assert!(finding.starts_with(&format!("server, line {spoken_of}: a part of the journals is missing")), "{finding}");
        assert!(finding.contains(&format!("there is no journal of instance {missing} that the server speaks of")), "{finding}");
    }
}

#[test]
fn a_server_without_a_journal_is_told_as_that() {
    let story = recorded();
    let (law, finding) = told(&[("clients", text(&story.clients))]);
    let answered = story.clients.iter().position(|line| line.contains("\"took\"")).unwrap() + 1;
    assert_eq!(law, "WHOLE", "{finding}");
    assert!(finding.starts_with(&format!("clients, line {answered}: a part of the journals is missing")), "{finding}");
    assert!(finding.contains("there is no journal of the server that instance "), "{finding}");
}

/// Wherever it is cut, as long as somebody else knows of more: nothing is told of that is a rule's or the model's.
#[test]
fn a_server_whose_journal_ends_early_is_told_as_that() {
    let story = recorded();
    let mut told_so = 0;
    for lines in 1..story.server.len() {
        let (law, finding) = told(&[("server", text(&story.server[..lines])), ("clients", text(&story.clients))]);
        let ends = finding.contains(&format!("the journal of the server ends at its line {lines}\n"));
        assert!(law == "none" || law == "WHOLE" && ends, "cut behind line {lines}: {finding}");
        told_so += usize::from(ends);
    }
    assert!(told_so > story.server.len() * 9 / 10, "{told_so} of {}", story.server.len());
}

#[test]
fn clients_whose_journal_ends_early_are_told_as_that() {
    let story = recorded();
    let first_said = story.clients.iter().position(|line| line.contains("\"wrote\"")).unwrap();
    let mut told_so = 0;
    for lines in 1..story.clients.len() {
        let (law, finding) = told(&[("server", text(&story.server)), ("clients", text(&story.clients[..lines]))]);
        let ends = finding.contains("the journal of instance ") && finding.contains(" ends at its line ");
        let never_began = finding.contains("there is no journal of instance ");
        assert!(law == "none" || law == "WHOLE" && (ends || never_began), "cut behind line {lines}: {finding}");
        told_so += usize::from(ends || never_began);
    }
    assert!(told_so > story.clients.len() / 2 && first_said > 0, "{told_so} of {}", story.clients.len());
}

#[test]
fn a_journal_that_breaks_off_in_a_line_is_told_as_that() {
    let story = recorded();
    let (server, clients) = (text(&story.server), text(&story.clients));
    let middle = server.len() / 2;
    let cut = if server[middle] == b'\n' { middle - 1 } else { middle };
    let line = server[..cut].iter().filter(|byte| **byte == b'\n').count() + 1;
    let (law, why) = told(&[("server", server[..cut].to_vec()), ("clients", clients)]);
    assert_eq!(law, "unread");
    assert!(why.starts_with(&format!("server, line {line}: the journal breaks off in the middle of this line")), "{why}");
}

/// Neither the verdict nor any of its figures depends on how the lines are spread over files, nor on the order of these.
#[test]
fn the_figures_do_not_depend_on_the_files() {
    let story = recorded();
    let mut files = vec![("server".to_owned(), text(&story.server))];
    files.extend(by_instance(&story).into_iter().map(|(name, lines)| (name, text(&lines))));
    let together = vec![files[0].clone(), ("clients".to_owned(), text(&story.clients))];
    let backwards: Vec<_> = files.iter().rev().cloned().collect();
    let all_in_one = vec![("all".to_owned(), [text(&story.clients), text(&story.server)].concat())];
    let verdicts = [together, files, backwards, all_in_one].map(|files| {
        let named: Vec<_> = files.iter().map(|(name, text)| (name.clone(), text.as_slice())).collect();
        validate_texts(&named, 2).unwrap()
    });
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{verdicts:#?}");
    assert_eq!((verdicts[0].overlapping, &verdicts[0].finding), (5, &None));
}

/// The exit code and what the command says of these files: what is told, and the line that ends it.
fn said(files: &[(&str, Vec<u8>)]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kickproof"));
    command.arg("validate").current_dir(folder.path());
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
        command.arg(name);
    }
    let output = command.output().unwrap();
    let [out, error] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code(), out, error)
}

#[test]
fn the_command_says_what_is_missing_and_exits_with_2() {
    let story = recorded();
    let (server, clients) = (text(&story.server), text(&story.clients));
    let files = by_instance(&story);
    let (last, lines) = files.last().unwrap();
    let but_last: Vec<_> = files[..files.len() - 1].iter().flat_map(|(_, lines)| lines.clone()).collect();
    let half = text(&story.server[..story.server.len() / 2]);
    let cases = [
        (vec![("server", server.clone()), ("clients", text(&but_last))], format!("there is no journal of instance {last} that")),
        (vec![("clients", clients.clone())], "there is no journal of the server that instance".to_owned()),
        (vec![("server", half), ("clients", clients)], "the journal of the server ends at its line".to_owned()),
        (
            vec![("server", server), ("others", text(&but_last)), ("last", text(&lines[..2]))],
            format!("the journal of instance {last} ends at its line 2\n"),
        ),
    ];
    for (files, why) in cases {
        let (code, out, error) = said(&files);
        assert_eq!(code, Some(2), "{out}{error}");
        assert!(out.contains(&why) && out.contains("nothing is decided"), "{why}: {out}");
        assert!(error.contains("the journals are not whole"), "{error}");
        assert!(["LOGIN-7", "LINK"].iter().all(|law| !out.contains(law)), "{out}");
    }
}

#[test]
fn the_command_says_that_a_journal_breaks_off_and_exits_with_2() {
    let story = recorded();
    let (server, clients) = (text(&story.server), text(&story.clients));
    let (code, _, error) = said(&[("server", server), ("clients", clients[..clients.len() - 10].to_vec())]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains(&format!("clients, line {}: the journal breaks off", story.clients.len())), "{error}");
}
