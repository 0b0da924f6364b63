package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.TrustGraphRequirement.Statements;
import dev.bulla.policy.TrustGraphRequirement.Trust;
import dev.bulla.policy.libtrust.LibtrustSigner;
import dev.bulla.policy.libtrust.NodeName;
import dev.bulla.policy.libtrust.Permission;
import dev.bulla.policy.libtrust.TrustGraph;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The grammar of {@code trustGraph}, a requirement of our own. */
final class TrustGraphGrammar {
    private static final String FROM_REFERENCE = "from-reference";

    private TrustGraphGrammar() {}

    static PolicyRequirement parse(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> keyIds = members.optional("keyIds");
        if (keyIds.isPresent()) {
            members.allowOnly("type", "keyIds");
            return new TrustGraphRequirement(new Trust.Keys(keyIds(keyIds.get())));
        }
        members.allowOnly(
                "type",
                "rootsPath",
                "rootsPaths",
                "rootsData",
                "rootsDatas",
                "statementsPath",
                "statementsPaths",
                "statementsData",
                "statementsDatas",
                "authority",
                "permission",
                "namespace",
                "minStatementVersion",
                "exemptNamespaces");
        String roots = KeyMaterialGrammar.exactlyOne(members, "rootsPath", "rootsPaths", "rootsData", "rootsDatas");
        Optional<JsonCursor> permission = members.optional("permission");
        Optional<JsonCursor> namespace = members.optional("namespace");
        Optional<JsonCursor> minStatementVersion = members.optional("minStatementVersion");
        Optional<JsonCursor> exempt = members.optional("exemptNamespaces");
        return new TrustGraphRequirement(new Trust.Graph(
                KeyMaterialGrammar.nonEmptyList(members.required(roots), roots),
                statements(members),
                permission.isPresent() ? permission(permission.get()) : Permission.WRITE,
                namespace.isPresent() ? namespace(namespace.get()) : Optional.empty(),
                minStatementVersion.isPresent() ? minStatementVersion.get().integer(1, Long.MAX_VALUE) : 0,
                exempt.isPresent() ? exempt(exempt.get()) : List.of()));
    }

    private static List<String> keyIds(JsonCursor value) throws JsonException {
        List<String> keyIds = new ArrayList<>();
        for (JsonCursor item : nonEmpty(value)) {
            String text = item.string();
            if (!LibtrustSigner.isKeyId(text)) {
                throw item.refuse("got " + Quoted.text(text)
                        + ", expected libtrust's id of a key: 12 groups of 4 of A-Z 2-7, joined by colons");
            }
            keyIds.add(text);
        }
        return keyIds;
    }

    private static List<JsonCursor> nonEmpty(JsonCursor value) throws JsonException {
        List<JsonCursor> items = value.array();
        if (items.isEmpty()) {
            throw value.refuse("the list is empty, expected at least one entry");
        }
        return items;
    }

    private static Statements statements(JsonCursor.Members members) throws JsonException {
        String source = KeyMaterialGrammar.exactlyOne(
                members, "statementsPath", "statementsPaths", "statementsData", "statementsDatas", "authority");
        JsonCursor value = members.required(source);
        if (source.equals("authority")) {
            return new Statements.Fetched(authority(value));
        }
        List<KeyMaterial> listed = KeyMaterialGrammar.nonEmptyList(value, source);
        if (listed.size() > TrustGraph.MAX_STATEMENTS) {
            throw value.refuse("got " + listed.size() + " statements, limit " + TrustGraph.MAX_STATEMENTS);
        }
        return new Statements.Imported(listed);
    }

    private static URI authority(JsonCursor value) throws JsonException {
        String text = value.string();
        try {
            URI uri = new URI(text);
            if (text.startsWith("kbs://")) {
                KeyMaterialGrammar.one(value, "authority");
                return uri;
            }
            if (text.startsWith("https://")
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // refused below
        }
        throw value.refuse("got " + Quoted.text(text) + ", expected https://host/path or kbs:///repository/type/tag");
    }

    private static Permission permission(JsonCursor value) throws JsonException {
        String text = value.string();
        Optional<Permission> permission = Arrays.stream(Permission.values())
                .filter(known -> known.key().equals(text))
                .findFirst();
        if (permission.isEmpty()) {
            throw value.refuse("unknown permission " + Quoted.text(text) + ", expected read or write");
        }
        return permission.get();
    }

    private static Optional<String> namespace(JsonCursor value) throws JsonException {
        return value.string().equals(FROM_REFERENCE) ? Optional.empty() : Optional.of(node(value));
    }

    private static List<String> exempt(JsonCursor value) throws JsonException {
        List<String> nodes = new ArrayList<>();
        for (JsonCursor item : nonEmpty(value)) {
            nodes.add(node(item));
        }
        return nodes;
    }

    private static String node(JsonCursor value) throws JsonException {
        String text = value.string();
        if (!NodeName.isName(text)) {
            throw value.refuse("got " + Quoted.text(text) + ", expected a name space such as /docker.io/library");
        }
        return text;
    }
}
