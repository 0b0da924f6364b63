package dev.bulla.guest.cli;

import dev.bulla.guest.pull.PullProgress;
import dev.bulla.oci.Descriptor;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;

/** Shows a pull's progress on stderr: a bar a layer on a terminal, a line an event elsewhere. */
final class ProgressDisplay implements PullProgress {
    private static final int BAR = 30;
    private static final long REDRAW_MILLIS = 100;

    /** What the user asked for. */
    enum Mode {
        auto,
        plain,
        none
    }

    private final PrintStream out;
    private final boolean bars;
    private final InstantSource clock;
    private long[] sizes = {};
    private long[] read = {};
    private String[] names = {};
    private int drawnLines;
    private long lastDrawn;

    private ProgressDisplay(PrintStream out, boolean bars, InstantSource clock) {
        this.out = out;
        this.bars = bars;
        this.clock = clock;
    }

    /** A display by the user's wish and what stderr is. */
    static PullProgress of(Mode mode, PrintStream out, boolean terminal, InstantSource clock) {
        return switch (mode) {
            case none -> PullProgress.NONE;
            case plain -> new ProgressDisplay(out, false, clock);
            case auto -> new ProgressDisplay(out, terminal, clock);
        };
    }

    @Override
    public synchronized void step(String what) {
        if (bars) {
            draw(true);
            drawnLines = 0; // the bars so far stay, the line goes below them
        }
        out.println("bulla: " + what);
    }

    @Override
    public synchronized void layers(List<Descriptor> layers) {
        sizes = layers.stream().mapToLong(Descriptor::size).toArray();
        read = new long[sizes.length];
        names = layers.stream()
                .map(layer -> layer.digest().hex().substring(0, 12))
                .toArray(String[]::new);
        draw(true);
    }

    @Override
    public synchronized void layerRead(int layer, long bytes) {
        read[layer] += bytes;
        draw(false);
    }

    @Override
    public synchronized void layerDone(int layer) {
        if (bars) {
            draw(true);
        } else {
            out.println("bulla: layer " + (layer + 1) + "/" + sizes.length + " " + names[layer] + " done, "
                    + amount(sizes[layer]));
        }
    }

    @Override
    public synchronized void end() {
        draw(true);
        out.flush();
    }

    private void draw(boolean always) {
        if (!bars || sizes.length == 0) {
            return;
        }
        long now = clock.millis();
        if (!always && now - lastDrawn < REDRAW_MILLIS) {
            return;
        }
        lastDrawn = now;
        StringBuilder text = new StringBuilder();
        if (drawnLines > 0) {
            text.append("\u001b[").append(drawnLines).append('A');
        }
        for (int i = 0; i < sizes.length; i++) {
            int filled = sizes[i] == 0 ? BAR : (int) (BAR * Math.min(read[i], sizes[i]) / sizes[i]);
            text.append("\r\u001b[K  ")
                    .append(names[i])
                    .append(" [")
                    .append("#".repeat(filled))
                    .append("-".repeat(BAR - filled))
                    .append("] ")
                    .append(amount(read[i]))
                    .append(" of ")
                    .append(amount(sizes[i]))
                    .append('\n');
        }
        drawnLines = sizes.length;
        out.print(text);
        out.flush();
    }

    private static String amount(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        if (bytes < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
        }
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
