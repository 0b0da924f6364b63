package dev.bulla.provision.vm;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found in a guest, as lines on its console.
 *
 * @param checks what went wrong by the checks' names; empty for what went right
 * @param values what the guest tells, by name
 */
record GuestReport(Map<String, String> checks, Map<String, String> values) {
    private static final String CHECK = "GUEST-CHECK ";
    private static final String VALUE = "GUEST-VALUE ";

    /** What is checked; what it throws is what went wrong. */
    @FunctionalInterface
    interface Check {
        void run() throws Exception;
    }

    /** Runs a check and says how it went. */
    static void check(PrintStream console, String name, Check check) {
        String outcome;
        try {
            check.run();
            outcome = "";
        } catch (Exception | AssertionError e) {
            outcome = e.getClass().getSimpleName() + ": "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " ") + " at " + e.getStackTrace()[0];
        }
        console.println("\n" + CHECK + name + "=" + outcome);
        console.flush();
    }

    static void value(PrintStream console, String name, String value) {
        console.println("\n" + VALUE + name + "=" + value);
        console.flush();
    }

    static GuestReport read(List<String> console) {
        GuestReport report = new GuestReport(new LinkedHashMap<>(), new LinkedHashMap<>());
        for (String line : console) {
            report.readLine(line);
        }
        return report;
    }

    private void readLine(String line) {
        int equals = line.indexOf('=');
        if (line.startsWith(CHECK) && equals > 0) {
            checks.put(line.substring(CHECK.length(), equals), line.substring(equals + 1));
        } else if (line.startsWith(VALUE) && equals > 0) {
            values.put(line.substring(VALUE.length(), equals), line.substring(equals + 1));
        }
    }
}
