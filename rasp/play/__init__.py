"""The playground: a page in the browser in which programs are written, run, drawn, compiled and checked."""
