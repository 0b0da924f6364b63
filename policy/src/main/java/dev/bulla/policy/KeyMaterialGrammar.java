package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.Base64Text;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The grammar of the fields that name keys or certificates: {@code …Path}, {@code …Paths}, {@code …Data}, {@code …Datas}. */
final class KeyMaterialGrammar {
    private static final Pattern RESOURCE_PATH = Pattern.compile("/[^/]+/[^/]+/[^/]+");

    private KeyMaterialGrammar() {}

    /** The one of these members that the object has. */
    static String exactlyOne(JsonCursor.Members members, String... names) throws JsonException {
        Optional<String> found = atMostOne(members, names);
        if (found.isEmpty()) {
            throw new JsonException(members.path(), "expected one of " + String.join(", ", names) + ", got none");
        }
        return found.get();
    }

    /** The one of these members that the object has, if any. */
    static Optional<String> atMostOne(JsonCursor.Members members, String... names) throws JsonException {
        List<String> found =
                Arrays.stream(names).filter(members.names()::contains).toList();
        if (found.size() > 1) {
            throw new JsonException(
                    members.path(),
                    "expected one of " + String.join(", ", names) + ", got " + String.join(" and ", found));
        }
        return found.stream().findFirst();
    }

    /** The member's one or several materials, as its name says which. */
    static List<KeyMaterial> list(JsonCursor value, String name) throws JsonException {
        if (!name.endsWith("s")) {
            return List.of(one(value, name));
        }
        List<KeyMaterial> list = new ArrayList<>();
        for (JsonCursor item : value.array()) {
            list.add(one(item, name.substring(0, name.length() - 1)));
        }
        return list;
    }

    /** As {@link #list}, refusing an empty list. */
    static List<KeyMaterial> nonEmptyList(JsonCursor value, String name) throws JsonException {
        List<KeyMaterial> list = list(value, name);
        if (list.isEmpty()) {
            throw value.refuse("the list is empty, expected at least one entry");
        }
        return list;
    }

    /** The member's material. */
    static KeyMaterial one(JsonCursor value, String name) throws JsonException {
        return name.endsWith("Data") ? new KeyMaterial.Inline(base64(value), value.path()) : located(value);
    }

    private static KeyMaterial located(JsonCursor value) throws JsonException {
        String text = value.string();
        if (text.isEmpty()) {
            throw value.refuse("the path is empty");
        }
        if (text.startsWith("kbs:")) {
            try {
                URI uri = new URI(text);
                if (!text.startsWith("kbs://")
                        || uri.getRawQuery() != null
                        || uri.getRawFragment() != null
                        || !RESOURCE_PATH.matcher(uri.getRawPath()).matches()) {
                    throw value.refuse("got " + Quoted.text(text) + ", expected kbs:///repository/type/tag");
                }
            } catch (URISyntaxException e) {
                throw value.refuse("got " + Quoted.text(text) + ", expected kbs:///repository/type/tag");
            }
        }
        return new KeyMaterial.Located(text);
    }

    /** Standard base64 with its padding; line ends within are passed over, as Go's decoder does. */
    private static byte[] base64(JsonCursor value) throws JsonException {
        String text = value.string();
        if (text.contains("-----BEGIN")) {
            throw value.refuse("got PEM text, expected its base64 (the output of: base64 -w0 FILE)");
        }
        try {
            return Base64Text.decode(text);
        } catch (IllegalArgumentException e) {
            throw value.refuse(String.valueOf(e.getMessage()));
        }
    }
}
