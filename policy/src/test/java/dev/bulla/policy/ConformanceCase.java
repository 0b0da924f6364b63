package dev.bulla.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A row of {@code policy/cases.tsv}; the conformance folder's README explains the columns. */
record ConformanceCase(
        String id, String kind, String input, String files, String imageRef, String note, String expected) {

    static List<ConformanceCase> read(Path table) throws IOException {
        List<ConformanceCase> cases = new ArrayList<>();
        List<String> lines = Files.readAllLines(table);
        for (String line : lines.subList(1, lines.size())) {
            if (line.isEmpty()) {
                continue;
            }
            String[] columns = line.split("\t", -1);
            if (columns.length < 7) {
                throw new IOException(table + ": a row of " + columns.length + " columns: " + columns[0]);
            }
            cases.add(new ConformanceCase(
                    columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6]));
        }
        return cases;
    }
}
