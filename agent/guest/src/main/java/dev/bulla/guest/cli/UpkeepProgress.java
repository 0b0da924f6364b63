package dev.bulla.guest.cli;

import dev.bulla.composefs.check.CheckProgress;
import java.io.PrintStream;
import java.time.InstantSource;

/**
 * Says on stderr how far a check or a collection is, once it takes over a second: a line that is drawn again on a terminal,
 * a line every ten seconds elsewhere.
 */
final class UpkeepProgress implements CheckProgress {
    private static final long FIRST_MILLIS = 1000;
    private static final long TERMINAL_MILLIS = 200;
    private static final long PLAIN_MILLIS = 10_000;

    private final PrintStream out;
    private final boolean terminal;
    private final InstantSource clock;
    private long next;
    private boolean drawn;

    UpkeepProgress(PrintStream out, boolean terminal, InstantSource clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
        this.next = clock.millis() + FIRST_MILLIS;
    }

    @Override
    public synchronized void advance(String phase, long done) {
        long now = clock.millis();
        if (now < next) {
            return;
        }
        next = now + (terminal ? TERMINAL_MILLIS : PLAIN_MILLIS);
        String line = "bulla: " + phase + ": " + done;
        if (terminal) {
            out.print("\r\u001b[K" + line);
            drawn = true;
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Somebody else has the store open, and is waited for. */
    synchronized void waiting() {
        out.println("bulla: waiting until nobody else uses the store");
        out.flush();
    }

    /** Nothing more will come. */
    synchronized void end() {
        if (drawn) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
