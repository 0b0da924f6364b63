package dev.bulla.registry;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An {@code auth.json} (containers) or {@code config.json} (Docker): the credentials for registries and their
 * namespaces.
 *
 * <p>Shape: {@code {"auths": {"host[:port][/namespace…]": {"auth": "base64(user:password)"}}}}. The longest key that
 * names the repository or one of its parents wins; else keys are compared as registries, with {@code http://} or
 * {@code https://} and what follows the host taken off, and docker.io, index.docker.io and registry-1.docker.io being the
 * same. An entry whose {@code auth} is empty or has no colon is as good as none, as it is to Docker. {@code identitytoken}
 * is a refresh token and wins over {@code auth}. Helpers are programs on the tenant's machine: an entry of
 * {@code credHelpers} for the registry at hand is refused, not passed over. Unknown members belong to other programs and
 * are not looked at.
 *
 * <p><b>Security.</b> No message shows an entry's content.
 */
public final class AuthFile implements CredentialSource {

    /** The most bytes of the file. */
    public static final int MAX_SIZE = 1 << 20;

    private final Map<String, JsonCursor> entries;
    private final Set<String> helped;
    private final boolean legacy;

    private AuthFile(Map<String, JsonCursor> entries, Set<String> helped, boolean legacy) {
        this.entries = entries;
        this.helped = helped;
        this.legacy = legacy;
    }

    /**
     * Reads an auth.json or config.json.
     *
     * @throws AuthFileException when it is not one
     */
    public static AuthFile parse(byte[] json) throws AuthFileException {
        try {
            JsonCursor.Members members = bounded(json).object();
            Optional<JsonCursor> auths = members.present("auths");
            Optional<JsonCursor> helpers = members.present("credHelpers");
            return new AuthFile(
                    auths.isPresent() ? objects(auths.get()) : Map.of(),
                    helpers.isPresent() ? helpers.get().stringMap().keySet() : Set.of(),
                    false);
        } catch (OciException e) {
            throw new AuthFileException("auth file: " + e.getMessage());
        }
    }

    /**
     * Reads Docker's oldest form, {@code .dockercfg}: the entries without {@code auths} around them.
     *
     * @throws AuthFileException when it is not one
     */
    public static AuthFile parseLegacy(byte[] json) throws AuthFileException {
        try {
            return new AuthFile(objects(bounded(json)), Set.of(), true);
        } catch (OciException e) {
            throw new AuthFileException("auth file: " + e.getMessage());
        }
    }

    private static JsonCursor bounded(byte[] json) throws OciException {
        if (json.length > MAX_SIZE) {
            throw new OciException("got " + json.length + " bytes, expected at most " + MAX_SIZE);
        }
        try {
            return JsonCursor.parse(json);
        } catch (JsonException e) {
            // without its words and the cause: they may quote what stands there, and that may be a password
            throw new JsonException(e.path(), "not strict JSON (what stands there is not shown: it may be a secret)");
        }
    }

    private static Map<String, JsonCursor> objects(JsonCursor json) throws OciException {
        Map<String, JsonCursor> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonCursor> entry : json.object().all().entrySet()) {
            entry.getValue().object(); // each is one; what is in it matters only when it is asked for
            entries.put(entry.getKey(), entry.getValue());
        }
        return entries;
    }

    @Override
    public Optional<Credential> find(ImageReference repository) throws AuthFileException {
        if (helped.contains(repository.domain())) {
            throw new AuthFileException("auth file: credHelpers names a helper for " + Quoted.text(repository.domain())
                    + ", expected an entry in auths: helpers are not run");
        }
        if (!legacy) {
            String key = repository.name();
            while (true) {
                JsonCursor entry = entries.get(key);
                if (entry != null) {
                    return decode(key, entry);
                }
                int slash = key.lastIndexOf('/');
                if (slash < 0) {
                    break;
                }
                key = key.substring(0, slash);
            }
        }
        String registry = canonicalRegistry(repository.domain());
        for (Map.Entry<String, JsonCursor> entry : entries.entrySet()) {
            if (registryOf(entry.getKey()).equals(registry)) {
                return decode(entry.getKey(), entry.getValue());
            }
        }
        return Optional.empty();
    }

    private String registryOf(String key) {
        String bare = withoutPrefix(withoutPrefix(key, "http://"), "https://");
        int slash = bare.indexOf('/');
        boolean url = legacy || bare.length() != key.length();
        return canonicalRegistry(url && slash >= 0 ? bare.substring(0, slash) : bare);
    }

    private static String withoutPrefix(String text, String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static String canonicalRegistry(String registry) {
        return switch (registry) {
            case "docker.io", "registry-1.docker.io" -> "index.docker.io";
            default -> registry;
        };
    }

    private static Optional<Credential> decode(String key, JsonCursor entry) throws AuthFileException {
        String auth;
        String identityToken;
        try {
            JsonCursor.Members members = entry.object();
            Optional<JsonCursor> authMember = members.present("auth");
            Optional<JsonCursor> tokenMember = members.present("identitytoken");
            auth = authMember.isPresent() ? authMember.get().string() : "";
            identityToken = tokenMember.isPresent() ? tokenMember.get().string() : "";
        } catch (OciException e) {
            throw new AuthFileException("auth file: " + e.getMessage());
        }
        if (!identityToken.isEmpty()) {
            return Optional.of(Credential.identityToken(identityToken));
        }
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // without the cause: its message shows a character of the secret
            throw new AuthFileException("auth file: the \"auth\" of " + Quoted.text(key) + " is not base64");
        }
        int colon = pair.indexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        return Optional.of(Credential.basic(pair.substring(0, colon), withoutNuls(pair.substring(colon + 1))));
    }

    /** Old Docker clients padded the password with NULs. */
    private static String withoutNuls(String password) {
        int start = 0;
        int end = password.length();
        while (start < end && password.charAt(start) == 0) {
            start++;
        }
        while (end > start && password.charAt(end - 1) == 0) {
            end--;
        }
        return password.substring(start, end);
    }

    @Override
    public String toString() {
        return "AuthFile" + entries.keySet();
    }
}
