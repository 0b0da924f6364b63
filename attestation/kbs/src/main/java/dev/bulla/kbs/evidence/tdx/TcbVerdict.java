package dev.bulla.kbs.evidence.tdx;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is said of a level.
 *
 * @param status how it stands
 * @param date the date of the level: what was known then is mitigated
 * @param advisories Intel's advisories that apply
 */
record TcbVerdict(TcbStatus status, Instant date, List<String> advisories) {
    TcbVerdict {
        advisories = List.copyOf(advisories);
    }

    static TcbVerdict parse(JsonCursor.Members level) throws JsonException {
        return new TcbVerdict(
                TcbStatus.parse(level.required("tcbStatus")),
                CollateralJson.time(level.required("tcbDate")),
                CollateralJson.advisories(level));
    }

    /** This verdict of a platform, together with those of the TDX module and the quoting enclave: the earliest date counts. */
    TcbVerdict with(List<TcbVerdict> components) {
        Instant earliest = date;
        Set<String> all = new LinkedHashSet<>(advisories);
        List<TcbStatus> statuses = new ArrayList<>();
        for (TcbVerdict component : components) {
            earliest = component.date.isBefore(earliest) ? component.date : earliest;
            all.addAll(component.advisories);
            statuses.add(component.status);
        }
        return new TcbVerdict(status.with(statuses), earliest, List.copyOf(all));
    }
}
