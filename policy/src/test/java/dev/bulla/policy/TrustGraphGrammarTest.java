package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.requiring;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.policy.libtrust.TrustGraph;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustGraphGrammarTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type':'trustGraph'}|expected one of rootsPath, rootsPaths, rootsData, rootsDatas",
                "{'type':'trustGraph','keyIds':[]}|the list is empty",
                "{'type':'trustGraph','keyIds':'K'}|an array",
                "{'type':'trustGraph','keyIds':['k']}|libtrust's id of a key",
                "{'type':'trustGraph','keyIds':['K'],'rootsPath':'a'}|unknown key \"rootsPath\"",
                "{'type':'trustGraph','rootsPath':'a'}|expected one of statementsPath",
                "{'type':'trustGraph','rootsPaths':[],'statementsPath':'b'}|the list is empty",
                "{'type':'trustGraph','rootsPath':'a','rootsData':'','statementsPath':'b'}|got rootsPath and rootsData",
                "{'type':'trustGraph','rootsPath':'a','statementsPaths':[]}|the list is empty",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','authority':'https://c'}|got statementsPath and authority",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','permission':'sign'}|expected read or write",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','permission':2}|a string",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','namespace':'a'}|expected a name space",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','namespace':'/'}|expected a name space",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','minStatementVersion':0}|an integer from 1",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','exemptNamespaces':[]}|the list is empty",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','exemptNamespaces':['/a/']}|expected a name space",
                "{'type':'trustGraph','rootsPath':'a','statementsPath':'b','disabledRoots':[]}|unknown key"
            })
    void parse_notTheGrammar_refused(String requirement, String problem) {
        String text = requirement.replace("'K'", "'" + "ABCD:".repeat(11) + "ABCD'");
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> requiring(text))
                .withMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://a/b",
                "https:///b",
                "https://user@a/b",
                "https://a/b#c",
                "file:///a",
                "/a",
                "",
                "kbs://a",
                "kbs:///a/b/c/d",
                "HTTPS://a",
                "https://a b"
            })
    void parse_authorityThatIsNone_refused(String authority) {
        String text = "{'type':'trustGraph','rootsPath':'a','authority':'" + authority + "'}";
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> requiring(text))
                .withMessageContaining("authority")
                .withMessageContaining("kbs:///repository/type/tag");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'keyIds':['K']",
                "'rootsPath':'a','statementsPath':'b'",
                "'rootsPaths':['a','b'],'statementsPaths':['c','kbs:///d/e/f'],'permission':'read'",
                "'rootsData':'','statementsDatas':['',''],'namespace':'from-reference','minStatementVersion':1",
                "'rootsDatas':[''],'authority':'https://a:8443/b?c=d','namespace':'/a','exemptNamespaces':['/a','/b/c']",
                "'rootsPath':'a','authority':'kbs:///b/c/d'"
            })
    void parse_everyForm_read(String members) throws Exception {
        String text = members.replace("'K'", "'" + "ABCD:".repeat(11) + "ABCD'");
        assertThat(requiring("{'type':'trustGraph'," + text + "}")).isNotNull();
    }

    @Test
    void parse_statements_atAndOverTheLimit() throws Exception {
        List<String> paths = new ArrayList<>(Collections.nCopies(TrustGraph.MAX_STATEMENTS, "'a'"));
        String text = "{'type':'trustGraph','rootsPath':'a','statementsPaths':[%]}";
        assertThat(requiring(text.replace("%", String.join(",", paths)))).isNotNull();
        paths.add("'a'");
        String over = text.replace("%", String.join(",", paths));
        assertThat(catchThrowableOfType(PolicyFormatException.class, () -> requiring(over)))
                .hasMessageContaining("got 65 statements, limit 64");
    }
}
