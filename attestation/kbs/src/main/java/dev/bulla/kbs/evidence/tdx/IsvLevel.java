package dev.bulla.kbs.evidence.tdx;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A level of the quoting enclave or of a TDX module: it is reached by that security version or a higher one.
 *
 * @param isvSvn the least security version
 * @param verdict what Intel says of the level
 */
record IsvLevel(int isvSvn, TcbVerdict verdict) {

    static List<IsvLevel> parse(JsonCursor levels) throws JsonException {
        List<IsvLevel> parsed = new ArrayList<>();
        for (JsonCursor item : levels.array()) {
            JsonCursor.Members level = item.object();
            int svn = (int) level.required("tcb").object().required("isvsvn").integer(0, 0xffff);
            parsed.add(new IsvLevel(svn, TcbVerdict.parse(level)));
        }
        return List.copyOf(parsed);
    }

    /** The first level that is reached; Intel lists the highest first. */
    static Optional<IsvLevel> reached(List<IsvLevel> levels, int isvSvn) {
        return levels.stream().filter(level -> isvSvn >= level.isvSvn).findFirst();
    }
}
