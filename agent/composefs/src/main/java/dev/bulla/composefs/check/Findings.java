package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a check has found so far, and what needs what. Safe for use by several threads.
 *
 * <p>Grows with the entries of a store, and with findings up to {@link #MAX_LISTED}; what only counts beyond is counted.
 */
final class Findings {
    /** How many findings are kept. */
    static final int MAX_LISTED = 10_000;

    private final List<Finding> findings = new ArrayList<>();
    /** Objects that cannot be used, with the entries that name them. */
    private final Map<VerityDigest, Set<Path>> holders = new HashMap<>();
    /** The streams and images that an object is. */
    private final Map<VerityDigest, List<Path>> entries = new HashMap<>();
    /** The streams whose named references name an object. */
    private final Map<VerityDigest, Set<Path>> namers = new HashMap<>();
    /** The names of an entry. */
    private final Map<Path, Set<Path>> names = new HashMap<>();

    private final Set<VerityDigest> damaged = new HashSet<>();
    private long unlisted;

    /** A digest as all keys here are: of blocks of 4 KiB, whatever the store's are, since a name does not say. */
    private static VerityDigest key(VerityDigest digest) {
        VerityAlgorithm algorithm = VerityAlgorithm.of(digest.algorithm().hash());
        return digest.algorithm() == algorithm ? digest : VerityDigest.fromBytes(algorithm, digest.bytes());
    }

    synchronized void add(Finding finding) {
        if (findings.size() == MAX_LISTED) {
            unlisted++;
            return;
        }
        findings.add(finding);
    }

    /** An object is there and cannot be read as what it should be. */
    synchronized void damaged(VerityDigest digest, String got) {
        add(new Finding.DamagedObject(digest, got));
        brokenObject(digest);
        damaged.add(key(digest));
    }

    /** An object is there, is right, and has no fs-verity although it should. */
    synchronized void unprotected(VerityDigest digest) {
        add(new Finding.UnprotectedObject(digest));
        brokenObject(digest);
    }

    private void brokenObject(VerityDigest digest) {
        if (holders.size() < MAX_LISTED) {
            holders.computeIfAbsent(key(digest), any -> new HashSet<>());
        }
    }

    synchronized boolean isDamaged(VerityDigest digest) {
        return damaged.contains(key(digest));
    }

    /** An entry names an object that may be broken; only then is that kept. */
    synchronized void holds(Path holder, VerityDigest digest) {
        Set<Path> known = holders.get(key(digest));
        if (known != null) {
            known.add(holder);
        }
    }

    /** An entry names an object that is not there. */
    synchronized void missing(Path holder, VerityDigest digest) {
        Set<Path> known = holders.get(key(digest));
        if (known == null) {
            add(new Finding.MissingObject(digest));
            brokenObject(digest);
        }
        holds(holder, digest);
    }

    /** A stream or an image is that object. */
    synchronized void entry(Path entry, VerityDigest object) {
        entries.computeIfAbsent(key(object), any -> new ArrayList<>()).add(entry);
    }

    /** A stream names an object by a named reference. */
    synchronized void named(Path stream, VerityDigest object) {
        namers.computeIfAbsent(key(object), any -> new HashSet<>()).add(stream);
    }

    /** An entry has a name. */
    synchronized void reference(Path name, Path entry) {
        names.computeIfAbsent(entry, any -> new HashSet<>()).add(name);
    }

    /** All findings with what needs the broken things, sorted by place. */
    synchronized List<Problem> problems() {
        Map<Path, Set<Path>> dependents = new HashMap<>();
        names.forEach((entry, of) ->
                dependents.computeIfAbsent(entry, any -> new HashSet<>()).addAll(of));
        namers.forEach((object, streams) -> entries.getOrDefault(object, List.of())
                .forEach(entry -> dependents
                        .computeIfAbsent(entry, any -> new HashSet<>())
                        .addAll(streams)));
        List<Problem> problems = new ArrayList<>();
        for (Finding finding : findings) {
            problems.add(new Problem(finding, neededBy(finding, dependents)));
        }
        problems.sort(
                Comparator.comparing((Problem problem) -> problem.finding().path())
                        .thenComparing(problem -> problem.finding().kind()));
        return problems;
    }

    private List<Path> neededBy(Finding finding, Map<Path, Set<Path>> dependents) {
        Deque<Path> open = new ArrayDeque<>();
        switch (finding) {
            case Finding.DamagedObject object -> addUsers(object.digest(), open);
            case Finding.MissingObject object -> addUsers(object.digest(), open);
            case Finding.UnprotectedObject object -> addUsers(object.digest(), open);
            default -> open.addAll(dependents.getOrDefault(finding.path(), Set.of()));
        }
        TreeSet<Path> needing = new TreeSet<>();
        while (!open.isEmpty()) {
            Path path = open.remove();
            // A stream that leads to itself in the end is met again, and passed.
            if (!path.equals(finding.path()) && needing.add(path)) {
                open.addAll(dependents.getOrDefault(path, Set.of()));
            }
        }
        return List.copyOf(needing);
    }

    private void addUsers(VerityDigest object, Deque<Path> users) {
        users.addAll(holders.getOrDefault(key(object), Set.of()));
        users.addAll(entries.getOrDefault(key(object), List.of()));
    }

    synchronized long unlisted() {
        return unlisted;
    }
}
