package dev.bulla.policy;

import dev.bulla.policy.signature.SigningKey;
import java.nio.charset.StandardCharsets;

/** Policies for tests; texts may use single quotes for double ones. */
final class PolicyText {
    private PolicyText() {}

    static Policy policy(String text) throws PolicyFormatException {
        return Policy.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "test");
    }

    /** A policy whose default list is this one requirement. */
    static Policy requiring(String requirement) throws PolicyFormatException {
        return policy("{'default':[" + requirement + "]}");
    }

    static String sigstoreSigned(SigningKey key, String identity) {
        return "{'type':'sigstoreSigned','keyData':'" + key.keyData() + "','signedIdentity':" + identity + "}";
    }
}
