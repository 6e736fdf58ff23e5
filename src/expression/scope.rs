//! What the names of a system mean, and its expressions put together into one graph.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::graph::{Graph, Id};
use super::hash::QuickHash;
use super::operation::{builtin_names, is_reserved};
use super::order::order;
use super::parse::parse;
use super::text::Text;
use super::token::{Dialect, is_name};
use super::tree::Tree;
use crate::error::{Error, Result};
use crate::io::nearest;

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meaning {
    /// A number.
    Constant(f64),
    /// A state, a parameter or an input, by its position among all of them.
    Input(usize),
    /// A quantity that is defined.
    Definition(usize),
    /// A function, and how many arguments it takes.
    Function(usize),
}

/// A quantity with a name.
pub(super) struct Definition {
    pub name: String,
    pub text: Text,
    pub tree: Arc<Tree<'static>>,
    /// The value of `i` of an element of an array.
    pub index: Option<i64>,
    /// Its node, once it is known.
    pub node: Option<Id>,
}

/// A function that is defined.
pub(super) struct Function {
    pub name: String,
    pub arguments: Vec<String>,
    pub text: Text,
    pub tree: Arc<Tree<'static>>,
}

/// What an array holds beyond its ends.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Beyond {
    /// Nothing: asking for it is an error.
    #[default]
    Nothing,
    /// It begins anew.
    Wrap,
    /// A number.
    Edge(f64),
}

/// The positions that an array has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub first: i64,
    pub last: i64,
    pub beyond: Beyond,
}

/// A place of the source that divides: the node of the denominator, and where it stands.
pub(crate) struct Division {
    pub denominator: Id,
    pub text: Text,
    pub at: usize,
}

/// The names of a system, from which its expressions are put together.
pub(crate) struct Scope {
    pub(super) dialect: Dialect,
    pub(super) meanings: HashMap<Box<str>, Meaning, QuickHash>,
    pub(super) definitions: Vec<Definition>,
    pub(super) functions: Vec<Function>,
    pub(super) extents: HashMap<String, Extent>,
    /// Names in the order of the file, for XPPAUT's `shift`.
    pub(super) sequence: Vec<String>,
    pub(super) graph: Graph,
    /// Calls that were put together already.
    pub(super) calls: HashMap<(usize, Vec<Id>), Id>,
    pub(super) divisions: Vec<Division>,
    /// Operations written out so far.
    pub(super) work: usize,
}

impl Scope {
    /// No names but those of the language.
    pub fn new(dialect: Dialect) -> Self {
        let mut scope = Self {
            dialect,
            meanings: HashMap::default(),
            definitions: Vec::new(),
            functions: Vec::new(),
            extents: HashMap::new(),
            sequence: Vec::new(),
            graph: Graph::default(),
            calls: HashMap::new(),
            divisions: Vec::new(),
            work: 0,
        };
        let pi = Meaning::Constant(std::f64::consts::PI);
        scope.meanings.insert("pi".into(), pi);
        scope
    }

    /// Whose rules hold.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether a name is taken.
    pub fn knows(&self, name: &str) -> bool {
        self.meanings.contains_key(name) || self.extents.contains_key(name) || is_reserved(name)
    }

    /// Takes in a name. `path` is the field that it stands in.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the name is taken or is none.
    pub fn declare(&mut self, path: &str, name: &str, meaning: Meaning) -> Result<()> {
        let element = name.strip_suffix(']').and_then(|rest| rest.find('['));
        if !is_name(&name[..element.unwrap_or(name.len())]) {
            let message = format!(
                "`{name}` is not a name. Names begin with a letter or `_` and go on with letters, digits and `_`"
            );
            return Err(Error::invalid(path, message));
        }
        if is_reserved(name) {
            let message = format!("`{name}` has a meaning of its own. Choose another name");
            return Err(Error::invalid(path, message));
        }
        match self.meanings.entry(name.into()) {
            Entry::Vacant(entry) if !self.extents.contains_key(name) => {
                entry.insert(meaning);
            }
            _ => {
                let message =
                    format!("`{name}` is there already. Each name may stand for one thing");
                return Err(Error::invalid(path, message));
            }
        }
        if self.dialect == Dialect::Xpp {
            self.sequence.push(name.to_owned());
        }
        Ok(())
    }

    /// The time, by its position among the inputs.
    pub fn time(&mut self, position: usize) {
        self.meanings.insert("t".into(), Meaning::Input(position));
    }

    /// Takes in the positions of an array, whose elements are taken in one by one, `name[i]`.
    ///
    /// # Errors
    /// As of [`Scope::declare`].
    pub fn array(
        &mut self,
        path: &str,
        name: &str,
        ends: (i64, i64),
        beyond: Beyond,
    ) -> Result<()> {
        self.declare(path, name, Meaning::Constant(f64::NAN))?;
        self.meanings.remove(name);
        let (first, last) = ends;
        let extent = Extent {
            first,
            last,
            beyond,
        };
        self.extents.insert(name.to_owned(), extent);
        Ok(())
    }

    /// Takes in a quantity that is defined by an expression, which may use names that are taken in
    /// later. `index` is the value of `i` of an element of an array.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the name is taken.
    pub fn define(
        &mut self,
        name: &str,
        text: &Text,
        tree: &Arc<Tree<'static>>,
        index: Option<i64>,
    ) -> Result<()> {
        let number = self.definitions.len();
        self.declare(&text.path, name, Meaning::Definition(number))?;
        self.definitions.push(Definition {
            name: name.to_owned(),
            text: text.clone(),
            tree: Arc::clone(tree),
            index,
            node: None,
        });
        Ok(())
    }

    /// Takes in a function.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the name is taken, an argument is no name or stands twice, or the
    /// expression cannot be read.
    pub fn function(&mut self, name: &str, arguments: &[&str], text: &Text) -> Result<()> {
        let mut seen = HashSet::new();
        for argument in arguments {
            if !is_name(argument) || !seen.insert(*argument) {
                let message = format!(
                    "expected arguments of different names, such as `f(x, k)`, found `{argument}`"
                );
                return Err(Error::invalid(&*text.path, message));
            }
        }
        let number = self.functions.len();
        self.declare(&text.path, name, Meaning::Function(number))?;
        self.functions.push(Function {
            name: name.to_owned(),
            arguments: arguments.iter().map(|&name| name.to_owned()).collect(),
            text: text.clone(),
            tree: Arc::new(self.parse(text)?.into_owned()),
        });
        Ok(())
    }

    /// The tree of an expression in the language of this scope.
    ///
    /// # Errors
    /// As of [`parse`].
    pub fn parse<'t>(&self, text: &'t Text) -> Result<Tree<'t>> {
        parse(text, self.dialect)
    }

    /// Puts together everything that is defined. It is called once all names are known.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for names that are not known, and definitions in a circle.
    pub fn resolve(&mut self) -> Result<()> {
        let names = |tree: &Tree<'_>| {
            let mut found = Vec::new();
            tree.names(&mut found);
            found.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let families: HashMap<&str, Vec<usize>> =
            self.definitions
                .iter()
                .enumerate()
                .fold(HashMap::new(), |mut all, (k, definition)| {
                    let family = definition.name.split('[').next().unwrap_or_default();
                    all.entry(family).or_insert_with(Vec::new).push(k);
                    all
                });
        let functions: HashMap<&str, usize> = (self.functions.iter().enumerate())
            .map(|(k, function)| (function.name.as_str(), k))
            .collect();
        let count = self.definitions.len();
        let edges: Vec<Vec<usize>> = (self.definitions.iter().map(|one| &one.tree))
            .chain(self.functions.iter().map(|one| &one.tree))
            .map(|tree| {
                let mut targets = Vec::new();
                for name in names(tree) {
                    // of an array, the first element stands for all
                    let of_family = families.get(name.as_str()).and_then(|all| all.first());
                    targets.extend(of_family);
                    targets.extend(functions.get(name.as_str()).map(|k| count + k));
                }
                targets
            })
            .collect();
        for k in order(&edges).into_iter().filter(|&k| k < count) {
            self.resolve_one(k)?;
        }
        Ok(())
    }

    /// What was meant by a name that nobody has taken in.
    pub(super) fn unknown(&self, name: &str, locals: &[(&str, Id)]) -> String {
        let own = self.meanings.keys().map(|name| &**name);
        let mut known: Vec<&str> = own.chain(self.extents.keys().map(String::as_str)).collect();
        known.extend(locals.iter().map(|(name, _)| *name));
        known.push("t");
        builtin_names().for_each(|name| known.push(name));
        // hash maps have no order, and a message should
        known.sort_unstable();
        match nearest(name, &known) {
            Some(meant) => format!("`{name}` is not defined. Did you mean `{meant}`?"),
            None => format!(
                "`{name}` is not defined. Give it among `parameters`, `constants`, `inputs`, `definitions` or `functions`"
            ),
        }
    }

    /// What is taken in from now on stands behind another end, for XPPAUT's `shift`.
    pub fn end_of_sequence(&mut self) {
        self.sequence.push(String::new());
    }

    /// The graph, as far as it is put together.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The graph, and where it divides.
    pub fn finish(self) -> (Graph, Vec<Division>) {
        (self.graph, self.divisions)
    }
}
