//! Runnable examples; each folder beside this file is one program.
