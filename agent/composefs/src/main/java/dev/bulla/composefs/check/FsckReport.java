package dev.bulla.composefs.check;

import java.util.List;

/**
 * What a check found.
 *
 * @param metadata the store's {@code meta.json}
 * @param objects how many objects were checked, or only counted where their bytes were not to be read
 * @param objectBytes how many bytes of objects were read
 * @param streams how many streams were checked
 * @param images how many images were checked
 * @param references how many names were checked
 * @param problems what is broken, sorted by place
 * @param unlisted how many more findings there were than are listed
 */
public record FsckReport(
        MetadataState metadata,
        long objects,
        long objectBytes,
        long streams,
        long images,
        long references,
        List<Problem> problems,
        long unlisted) {
    /** Of a store's {@code meta.json}. */
    public enum MetadataState {
        /** There is none: the store is absent, not begun, or of the time before there were any. */
        ABSENT,
        /** It is as it should be. */
        FINE,
        /** It is among the findings. */
        BROKEN
    }

    /** What is said of a store that is not there. */
    static final FsckReport OF_NOTHING = new FsckReport(MetadataState.ABSENT, 0, 0, 0, 0, 0, List.of(), 0);

    public FsckReport {
        problems = List.copyOf(problems);
    }

    /** Whether nothing is broken. */
    public boolean isClean() {
        return problems.isEmpty() && unlisted == 0;
    }
}
