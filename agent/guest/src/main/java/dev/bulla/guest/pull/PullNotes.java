package dev.bulla.guest.pull;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a pull found that did not stop it, and its user should know. Safe for use by several threads. */
final class PullNotes {
    private static final int MOST = 100;

    private final Set<String> notes = Collections.synchronizedSet(new LinkedHashSet<>());

    void add(String what, @Nullable String why) {
        if (notes.size() < MOST) {
            notes.add(what + (why == null ? "" : ": " + why));
        }
    }

    List<String> list() {
        synchronized (notes) {
            return List.copyOf(notes);
        }
    }
}
