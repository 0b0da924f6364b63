package dev.bulla.kbs;

import dev.bulla.attestation.protocol.EarStatus;
import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.oci.Quoted;
import java.util.Locale;
import java.util.Optional;

/** To which attested guests a KBS releases resources: the rules of the policies that Trustee ships by these names. */
public enum ResourcePolicy {
    /** To every guest whose evidence verified, whatever its appraisal. */
    ALLOW,
    /** To none. */
    DENY,
    /** To guests with at least one appraisal, all of which are affirming. */
    AFFIRMING;

    boolean allows(EarToken token) {
        return switch (this) {
            case ALLOW -> true;
            case DENY -> false;
            case AFFIRMING ->
                !token.statuses().isEmpty()
                        && token.statuses().values().stream().allMatch(status -> status == EarStatus.AFFIRMING);
        };
    }

    /** The policy of this name, {@code allow}, {@code deny} or {@code affirming}; Rego is not understood yet. */
    static ResourcePolicy parse(String text) throws KbsRefusal {
        String name = text.strip();
        for (ResourcePolicy policy : values()) {
            if (policy.wireName().equals(name)) {
                return policy;
            }
        }
        throw new KbsRefusal(
                ErrorVariant.PARSE_POLICY_ERROR,
                "policy " + Quoted.text(name) + ": expected allow, deny or affirming; Rego is not understood");
    }

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Why a guest is denied, for the audit log; nothing where it is not. */
    Optional<String> denial(EarToken token) {
        return allows(token)
                ? Optional.empty()
                : Optional.of("policy " + wireName() + " denies, appraisals are " + token.statuses());
    }
}
