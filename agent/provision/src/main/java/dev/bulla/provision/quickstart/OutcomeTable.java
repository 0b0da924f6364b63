package dev.bulla.provision.quickstart;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened, a line a step: what was tried, what was to come of it, what came, how long it took. */
final class OutcomeTable {
    private record Row(String what, String expected, String got, Duration took, boolean asExpected) {}

    private final List<Row> rows = new ArrayList<>();

    /** A step that ran the agent. */
    void add(String what, int expectedExit, AgentProcess.Run run) {
        rows.add(new Row(
                what, "exit " + expectedExit, "exit " + run.exitCode(), run.took(), run.exitCode() == expectedExit));
    }

    /** A step that could not be made here. */
    void skip(String what, String why) {
        rows.add(new Row(what, "-", why, Duration.ZERO, true));
    }

    /** A step of ours. */
    void note(String what, String expected, String got, boolean asExpected) {
        rows.add(new Row(what, expected, got, Duration.ZERO, asExpected));
    }

    boolean allAsExpected() {
        return rows.stream().allMatch(Row::asExpected);
    }

    void print(PrintStream out) {
        int what = rows.stream().mapToInt(row -> row.what.length()).max().orElse(0);
        int expected =
                rows.stream().mapToInt(row -> row.expected.length()).max().orElse(0);
        int got = rows.stream().mapToInt(row -> row.got.length()).max().orElse(0);
        for (Row row : rows) {
            String took = row.took.isZero() ? "" : String.format(Locale.ROOT, "%.1f s", row.took.toMillis() / 1000.0);
            out.printf(
                    Locale.ROOT,
                    "    %-4s %-" + Math.max(1, what) + "s  expected %-" + Math.max(1, expected) + "s  got %-"
                            + Math.max(1, got) + "s  %7s%n",
                    row.asExpected ? "ok" : "NOT",
                    row.what,
                    row.expected,
                    row.got,
                    took);
        }
    }
}
