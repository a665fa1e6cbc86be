"""Work that takes longer than an answer may: asked for, done in the background, looked after by its id."""
