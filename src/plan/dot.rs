//! Turns task records into a graph in the language of Graphviz.

use super::print::TaskRecord;
use std::fmt::Write;

/// The tasks as a graph: a node for each, with its device and requirements, and an edge from each to those that wait
/// for it. Render it with `dot -Tsvg`.
pub fn dot(tasks: &[TaskRecord]) -> String {
    let mut text = String::from("digraph tasks {\n    node [shape=box];\n");
    for task in tasks {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    t{} [label=\"{}\"];", task.task.0, label(task));
        for dependency in &task.dependencies {
            let _ = writeln!(text, "    t{} -> t{};", dependency.0, task.task.0);
        }
    }
    text.push_str("}\n");
    text
}

/// One line for the task, one for each requirement.
fn label(task: &TaskRecord) -> String {
    let mut label = escaped(&format!("{} {} on {}", task.kind, task.name, task.device));
    for (buffer, block, access) in &task.requirements {
        label.push_str("\\n");
        label.push_str(&escaped(&format!("{access} {buffer}{block}")));
    }
    label
}

/// Names are the user's, so quotes and backslashes in them must not end the label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}
