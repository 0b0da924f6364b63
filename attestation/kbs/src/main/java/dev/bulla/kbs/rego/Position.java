package dev.bulla.kbs.rego;

/**
 * A place in a module's text.
 *
 * @param line from 1
 * @param column from 1, in characters
 */
record Position(int line, int column) {

    RegoException refuse(String problem) {
        return RegoException.at(this, problem);
    }

    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
