//! A drawer for what one vendor keeps beside the blocks: a value of its own type, made when it is first wanted.

use std::any::Any;

/// Holds one value of a type that only its owner knows.
#[derive(Default)]
pub struct Drawer(Option<Box<dyn Any + Send>>);

impl Drawer {
    /// The value. The first who asks decides on its type; the drawer of an instance is its vendor's alone.
    pub fn of<T: Any + Default + Send>(&mut self) -> &mut T {
        let value = self.0.get_or_insert_with(|| Box::new(T::default()));
        value.downcast_mut().expect("a drawer is asked for one type only: its vendor's")
    }

    /// The value, if anybody has wanted it before.
    pub fn peek<T: Any>(&self) -> Option<&T> {
        self.0.as_deref().and_then(<dyn Any + Send>::downcast_ref)
    }
}
