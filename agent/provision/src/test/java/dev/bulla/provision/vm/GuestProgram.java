package dev.bulla.provision.vm;

import dev.bulla.guest.cli.Main;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A run of the guest's program within this process: a process of its own would cost an emulated processor seconds.
 *
 * @param code its exit code
 * @param out what it wrote to stdout
 * @param err what it wrote to stderr
 */
record GuestProgram(int code, String out, String err) {
    static GuestProgram run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        // For good: whoever reports in this process has a stream of its own.
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int code = Main.run(arguments, List.of());
        return new GuestProgram(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The members of the JSON it wrote. */
    JsonCursor.Members json() throws OciException {
        ended(0);
        return JsonCursor.parse(out.strip()).object();
    }

    /** This run, which ended with that exit code. */
    GuestProgram ended(int expected) {
        if (code != expected) {
            throw new AssertionError("got exit code " + code + ", expected " + expected + ": " + out + err);
        }
        return this;
    }

    /** This run, which was refused with these words. */
    GuestProgram refused(int expected, String words) {
        ended(expected);
        if (!err.contains(words)) {
            throw new AssertionError("got " + err.strip() + ", expected words " + words);
        }
        return this;
    }
}
