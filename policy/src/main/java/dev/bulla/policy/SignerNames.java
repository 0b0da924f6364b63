package dev.bulla.policy;

import dev.bulla.policy.signature.Signer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One name for each signer, the same for those that signed with one key: a certificate that names an address and a host is
 * still one signer, and so are a key and the certificate over it.
 */
final class SignerNames {
    private final Map<String, String> names = new HashMap<>();

    /** The names of all who signed for what was met. */
    static SignerNames of(List<RequirementDecision> met) {
        SignerNames names = new SignerNames();
        names.add(met);
        return names;
    }

    private void add(List<RequirementDecision> met) {
        for (RequirementDecision decision : met) {
            for (Signer signer : decision.signers()) {
                String one = last(signer.id());
                String other = last(signer.key().orElse(one));
                if (!one.equals(other)) {
                    names.put(one, other);
                }
            }
            add(decision.children());
        }
    }

    String name(Signer signer) {
        return last(signer.id());
    }

    private String last(String id) {
        String name = id;
        for (String next = names.get(name); next != null; next = names.get(name)) {
            name = next;
        }
        return name;
    }
}
